//! Filters, tests and calls.

use idp_core::{Severity, similar};
use serde_json::Value;

use super::Scan;
use super::members::Use;
use super::samples::samples;
use crate::check::draft::{Draft, Sign};
use crate::check::facts::literal;
use crate::check::types::{Kinds, Type};
use crate::expr::inspect::{
    Arg, Expr, ExprKind, filter_names, filter_takes, has_filter, has_global, has_strict_test, is_host_filter,
    test_arity,
};

/// Filters of Jinja that this language does not have, and what does their work here.
const ELSEWHERE: [(&str, &str); 8] = [
    ("tojson", "`dump` prints JSON"),
    ("to_json", "`dump` prints JSON"),
    ("toJson", "`dump` prints JSON"),
    ("split", "texts have a method: `text.split(',')`"),
    ("min", "`sort | first` is the least"),
    ("max", "`sort | last` is the greatest"),
    ("items", "`{% for key, value in object %}` goes through an object"),
    ("map", "there is none: go through the list with `{% for %}`"),
];

/// Filters of Backstage's language that minijinja does not have.
const ELSEWHERE_STRICT: [(&str, &str); 2] =
    [("dump", "`tojson` prints JSON"), ("wordcount", "`split | length` counts words")];

impl Scan<'_> {
    pub(super) fn filter(&mut self, expr: &Expr, name: &str, input: &Expr, args: &[Arg]) -> Type {
        let guards = matches!(name, "default" | "d") || name == "length" && !self.is_strict();
        let it = self.expression(input, if guards { Use::Guard } else { Use::Value });
        let given: Vec<Type> = args.iter().map(|arg| self.value(&arg.value)).collect();
        let python = self.is_python() && name == "jsonify";
        if !has_filter(self.engine, name) && !python {
            self.unknown_filter(expr, name);
            return Type::any();
        }
        if is_host_filter(self.engine, name) || python {
            return Type::any();
        }
        self.check_filter_input(expr, name, input, &it, args);
        result(name, it, &given)
    }

    fn unknown_filter(&mut self, expr: &Expr, name: &str) {
        let elsewhere = if self.is_strict() { &ELSEWHERE_STRICT[..] } else { &ELSEWHERE[..] };
        let elsewhere = elsewhere.iter().find(|(other, _)| *other == name).map(|(_, help)| *help);
        let near = similar(name, filter_names(self.engine)).map(str::to_owned);
        let message = format!("there is no filter `{name}`");
        let known = near.is_some() || elsewhere.is_some();
        let severity = if known { Severity::Error } else { Severity::Warning };
        let draft = Draft::new(severity, "unknown-filter", message, self.spot(expr.span));
        let draft = match (elsewhere, near) {
            (Some(help), _) => draft.help(help),
            (None, Some(near)) => draft.suggest(Some(&near)),
            (None, None) => draft.help("a host can add filters; this one has not"),
        };
        let draft = self.rendered(draft, Sign::Fails, expr.span);
        self.push(draft);
    }

    /// Whether a filter takes what it is given: asked of the filter itself, with a value of each kind.
    fn check_filter_input(&mut self, expr: &Expr, name: &str, input: &Expr, it: &Type, args: &[Arg]) {
        let positional = |arg: &Arg| arg.name.is_none().then(|| literal(&arg.value)).flatten();
        let Some(args) = args.iter().map(positional).collect::<Option<Vec<Value>>>() else { return };
        if it.kinds == Kinds::NONE || it.kinds.meets(Kinds::OTHER) {
            return;
        }
        let takes = |kind: Kinds| {
            samples(kind, it).iter().any(|it| filter_takes(self.engine, name, it.as_ref(), &args))
        };
        let kinds = [Kinds::NULL, Kinds::BOOL, Kinds::NUMBER, Kinds::ARRAY, Kinds::OBJECT];
        let definite = it.kinds.without(Kinds::UNDEFINED);
        let refused = kinds.iter().filter(|kind| definite.meets(**kind)).all(|kind| !takes(*kind));
        if definite != Kinds::NONE && !definite.meets(Kinds::STRING) && refused {
            let subject = self.slice(input.span).to_owned();
            let message = format!("`{subject}` is {definite}, which `{name}` does not take");
            let draft = Draft::error("filter-input", message, self.spot(expr.span));
            let draft = self.rendered(draft, Sign::Fails, expr.span);
            return self.push(draft);
        }
        if !self.is_strict() && it.kinds.meets(Kinds::UNDEFINED) && !takes(Kinds::UNDEFINED) {
            self.may_be_absent(input, it, &format!("`{name}` needs a value"), expr.span);
        }
    }

    pub(super) fn test(&mut self, expr: &Expr, name: &str, input: &Expr, args: &[Arg]) -> Type {
        self.expression(input, Use::Guard);
        args.iter().for_each(|arg| drop(self.value(&arg.value)));
        let missing = || (format!("there is no test `{name}`"), "unknown-test");
        let problem = match test_arity(name) {
            _ if self.is_strict() => (!has_strict_test(self.engine, name)).then(missing),
            None => Some(missing()),
            Some(wanted) if wanted != args.len() => {
                let wanted = if wanted == 0 { "no argument" } else { "one argument, in parentheses" };
                Some((format!("the test `{name}` takes {wanted}"), "test-arguments"))
            }
            Some(_) => None,
        };
        if let Some((message, code)) = problem {
            let draft = Draft::error(code, message, self.spot(expr.span));
            let draft = self.rendered(draft, Sign::Fails, expr.span);
            self.push(draft);
        }
        Type::boolean()
    }

    pub(super) fn call(&mut self, expr: &Expr, callee: &Expr, args: &[Arg]) -> Type {
        args.iter().for_each(|arg| drop(self.value(&arg.value)));
        match &callee.kind {
            ExprKind::Member { object, key, .. } => match &key.kind {
                ExprKind::Str(name) => self.method(expr, object, name),
                _ => {
                    self.value(object);
                    self.value(key);
                    Type::any()
                }
            },
            ExprKind::Name(name) if self.env.name(name).is_none() && !has_global(self.engine, name) => {
                self.value(callee);
                Type::any()
            }
            _ => Type::any(),
        }
    }

    fn method(&mut self, expr: &Expr, object: &Expr, name: &str) -> Type {
        let it = self.value(object);
        let definite = it.kinds.without(Kinds::NULLISH);
        if definite == Kinds::NONE || definite.meets(Kinds::OTHER) || self.is_python() {
            return Type::any();
        }
        if !self.kind_has(definite, name) && !self.member_may_be_called(&it, name) {
            let subject = self.slice(object.span).to_owned();
            let message = format!("`{subject}` is {definite} and has no method `{name}`");
            let mut draft = Draft::error("unknown-method", message, self.spot(expr.span));
            if ["map", "filter", "find", "forEach", "reduce", "some", "every"].contains(&name) {
                draft = draft.help("nothing can be passed to it: go through the list with `{% for %}`");
            }
            let draft = self.rendered(draft, Sign::Fails, expr.span);
            self.push(draft);
            return Type::any();
        }
        if it.kinds.meets(Kinds::UNDEFINED) && !self.is_strict() {
            self.may_be_absent(object, &it, &format!("it has no `{name}` to call then"), expr.span);
        }
        method_result(definite, name)
    }

    fn member_may_be_called(&self, it: &Type, name: &str) -> bool {
        it.kinds.meets(Kinds::OBJECT)
            && it.member(name).is_some_and(|member| member.kinds.meets(Kinds::OTHER))
    }
}

/// The type of a filter's answer.
fn result(name: &str, input: Type, args: &[Type]) -> Type {
    match name {
        "default" | "d" => match args.first() {
            Some(other) if input.kinds.meets(Kinds::UNDEFINED) => {
                input.present().union(other.clone()).copied_from(None)
            }
            _ => input,
        },
        "capitalize" | "center" | "dump" | "e" | "escape" | "forceescape" | "indent" | "join" | "lower"
        | "nl2br" | "projectSlug" | "replace" | "string" | "striptags" | "title" | "trim" | "truncate"
        | "upper" | "urlencode" | "urlize" => Type::string(),
        "abs" | "length" | "round" | "sum" | "wordcount" => Type::number(),
        "parseEntityRef" => record(&["kind", "namespace", "name"], &[]),
        "parseRepoUrl" => record(&["host"], &["owner", "repo", "organization", "workspace", "project"]),
        "batch" | "dictsort" | "list" => Type::of(Kinds::ARRAY),
        _ => Type::any(),
    }
}

fn record(always: &[&str], sometimes: &[&str]) -> Type {
    let always = always.iter().map(|name| ((*name).to_owned(), Type::string()));
    let sometimes = sometimes.iter().map(|name| ((*name).to_owned(), Type::string().optional()));
    Type::closed(always.chain(sometimes))
}

/// The type of a method's answer.
fn method_result(receiver: Kinds, name: &str) -> Type {
    match name {
        "endsWith" | "includes" | "startsWith" | "test" => Type::boolean(),
        "charCodeAt" | "indexOf" | "lastIndexOf" => Type::number(),
        "split" => Type::list(Type::string()),
        "charAt" | "join" | "replace" | "replaceAll" | "substr" | "substring" | "toFixed" | "toLowerCase"
        | "toString" | "toUpperCase" | "trim" | "trimEnd" | "trimStart" => Type::string(),
        "concat" | "slice" if receiver == Kinds::STRING => Type::string(),
        _ => Type::any(),
    }
}
