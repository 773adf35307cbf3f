//! What the suites of all contracts share: a list of clauses, judging one by name, and a test of each.

/// Makes `Clause`, `clauses` and `judge` of one contract's clauses.
macro_rules! suite {
    ($subject:ident: $($name:ident)*) => {
        /// A clause and its name.
        pub type Clause<S> = (&'static str, for<'a> fn(&'a S) -> $crate::testkit::BoxFuture<'a, $crate::testkit::Verdict>);

        /// Every clause, in the order of the contract: for runners of your own.
        pub fn clauses<S: $subject>() -> Vec<Clause<S>> {
            vec![$((stringify!($name), |subject| Box::pin($name(subject)))),*]
        }

        /// Runs one clause by name.
        ///
        /// # Errors
        /// What does not hold, or that there is no such clause.
        pub fn judge<S: $subject>(subject: &S, name: &str) -> $crate::testkit::Verdict {
            let found = clauses::<S>().into_iter().find(|(it, _)| *it == name);
            let (_, clause) = found.ok_or_else(|| format!("no clause `{name}`"))?;
            let mut verdict = Err("the subject's runner did not run the clause".to_owned());
            subject.run(Box::pin(async { verdict = clause(subject).await }));
            verdict
        }
    };
}

pub(super) use suite;

/// A test of each clause that is named, and one that none is forgotten.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_tests {
    ($suite:path, $bound:path, $subject:expr; $($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                use $suite as suite;
                if let Err(broken) = suite::judge(&$subject, stringify!($name)) {
                    panic!("{}: {broken}", stringify!($name));
                }
            }
        )*

        #[test]
        fn every_clause_has_a_test() {
            use $suite as suite;
            fn names<S: $bound>(_: &S) -> Vec<&'static str> {
                suite::clauses::<S>().into_iter().map(|(name, _)| name).collect()
            }
            assert_eq!(names(&$subject), [$(stringify!($name)),*]);
        }
    };
}
