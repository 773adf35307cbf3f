//! Names and members: what there is, and what was meant where there is nothing.

use idp_core::{Severity, similar};

use super::Scan;
use crate::check::draft::{Draft, Sign, Spot};
use crate::check::env::member_of;
use crate::check::facts::path;
use crate::check::types::{Kinds, Type};
use crate::expr::inspect::{Expr, ExprKind, has_global, has_method};

/// What an expression is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// Its value goes somewhere.
    Value,
    /// It is asked whether it is there.
    Guard,
}

/// What helps where an expression is meant for another program.
pub(super) const LEAVE_ALONE: &str = "text that is meant for another program goes between `{% raw %}` and `{% endraw %}`, or its file under `copyWithoutTemplating`";

/// The names that expressions of GitHub Actions start with.
const ACTIONS_CONTEXTS: [&str; 13] = [
    "env",
    "fromJSON",
    "github",
    "hashFiles",
    "inputs",
    "job",
    "jobs",
    "matrix",
    "needs",
    "runner",
    "secrets",
    "strategy",
    "vars",
];

impl Scan<'_> {
    /// The type of a name or a member.
    pub(super) fn access(&mut self, expr: &Expr, r#use: Use) -> Type {
        let before = self.seen.drafts.len();
        let it = match &expr.kind {
            ExprKind::Name(name) => self.name(expr, name, r#use),
            ExprKind::Member { object, key, dotted } => self.member(expr, object, key, *dotted, r#use),
            _ => Type::any(),
        };
        let it = match path(expr) {
            Some(path) => self.env.refine(&path, it),
            None => it,
        };
        if self.is_strict()
            && r#use == Use::Value
            && it.kinds.meets(Kinds::UNDEFINED)
            && self.seen.drafts.len() == before
        {
            self.may_be_absent(expr, &it, "a name without a value is an error", expr.span);
        }
        it
    }

    fn name(&mut self, expr: &Expr, name: &str, r#use: Use) -> Type {
        if let Some(it) = self.env.name(name) {
            return it;
        }
        if !has_global(self.engine, name) && !self.is_python_constant(name) {
            self.undefined_name(expr, name, r#use);
            return Type::undefined();
        }
        Type::any()
    }

    fn is_python_constant(&self, name: &str) -> bool {
        self.is_python() && ["True", "False", "None"].contains(&name)
    }

    fn undefined_name(&mut self, expr: &Expr, name: &str, r#use: Use) {
        if self.env.is_settled(&[name.to_owned()]) {
            return;
        }
        let spot = self.spot(expr.span);
        let draft = if self.is_file() && ACTIONS_CONTEXTS.contains(&name) || name == "github" {
            let message =
                format!("`{name}` is a name of GitHub Actions, and is rendered here: it comes to nothing");
            Draft::error("github-expression", message, spot).help(LEAVE_ALONE)
        } else {
            let near = similar(name, self.env.names()).map(str::to_owned);
            let message = format!("nothing here is called `{name}`");
            let severity = severity(r#use, near.is_some()).max(Severity::Warning);
            let draft = Draft::new(severity, "undefined-name", message, spot);
            match near {
                Some(near) => draft.suggest(Some(&near)),
                None => self.names_help(draft, name),
            }
        };
        let draft = self.rendered(draft, Sign::Undefined, expr.span);
        self.push(draft);
    }

    fn names_help(&self, draft: Draft, name: &str) -> Draft {
        if name == "secrets" && !self.is_file() {
            return draft.help("only the input of a step, and what it repeats for, see secrets");
        }
        if name == "each" {
            return draft.help("only a step with `each` has it");
        }
        let inner = ["parameters", "values"].into_iter().find(|root| {
            self.env
                .name(root)
                .is_some_and(|it| it.members.is_some_and(|members| members.known.contains_key(name)))
        });
        match inner {
            Some(root) => draft.help(format!("did you mean `{root}.{name}`?")),
            None => {
                let names: Vec<_> = self.env.names().map(|name| format!("`{name}`")).collect();
                draft.help(format!("there are {}", names.join(", ")))
            }
        }
    }

    fn member(&mut self, expr: &Expr, object: &Expr, key: &Expr, dotted: bool, r#use: Use) -> Type {
        // Nothing can be read from nothing there, not even to ask for it.
        let held = self.access_object(object, if self.is_strict() { Use::Value } else { r#use });
        if !dotted && !matches!(key.kind, ExprKind::Str(_)) {
            self.value(key);
            self.note_use(&held);
            return self.indexed(&held, key);
        }
        let ExprKind::Str(name) = &key.kind else { return Type::any() };
        self.named(expr, object, &held, name, r#use)
    }

    /// An object that a member is read from: only the member counts as used.
    fn access_object(&mut self, object: &Expr, r#use: Use) -> Type {
        match object.kind {
            ExprKind::Name(_) | ExprKind::Member { .. } => self.access(object, r#use),
            _ => self.expression(object, r#use),
        }
    }

    fn indexed(&self, held: &Type, key: &Expr) -> Type {
        match (&held.items, &key.kind) {
            (Some(items), ExprKind::Number(_)) if held.kinds.within(Kinds::ARRAY.or(Kinds::UNDEFINED)) => {
                let it = (**items).clone();
                Type { origin: None, ..it }.optional()
            }
            _ => Type::any(),
        }
    }

    fn named(&mut self, expr: &Expr, object: &Expr, held: &Type, name: &str, r#use: Use) -> Type {
        let definite = held.kinds.without(Kinds::NULLISH);
        if definite == Kinds::NONE {
            return Type::undefined();
        }
        if definite.meets(Kinds::OTHER) {
            return Type::any();
        }
        if name == "length" && !self.is_strict() && definite.within(Kinds::STRING.or(Kinds::ARRAY)) {
            return Type::number();
        }
        if definite == Kinds::OBJECT {
            return match member_of(held, name) {
                Some(it) if held.kinds.meets(Kinds::NULLISH) => it.optional(),
                Some(it) => it,
                None => {
                    self.note_use(held);
                    self.missing(expr, object, held, name, r#use);
                    Type::undefined()
                }
            };
        }
        // A strict text has methods that can be called, and none that can be read.
        let has = !self.is_strict() && self.kind_has(definite, name);
        if definite.meets(Kinds::OBJECT) || has || name.parse::<u32>().is_ok() {
            return Type::any();
        }
        self.note_use(held);
        self.no_members(expr, object, definite, name, r#use);
        Type::undefined()
    }

    /// Whether a value of one of these kinds has a method of this name.
    pub(super) fn kind_has(&self, kinds: Kinds, name: &str) -> bool {
        let samples = [
            (Kinds::NUMBER, serde_json::json!(1)),
            (Kinds::STRING, serde_json::json!("")),
            (Kinds::ARRAY, serde_json::json!([])),
            (Kinds::OBJECT, serde_json::json!({})),
        ];
        self.is_python()
            || samples.iter().any(|(kind, it)| kinds.meets(*kind) && has_method(self.engine, it, name))
    }

    fn no_members(&mut self, expr: &Expr, object: &Expr, kinds: Kinds, name: &str, r#use: Use) {
        let subject = self.slice(object.span).to_owned();
        let message = format!("`{subject}` is {kinds} and has no `{name}`");
        let mut draft =
            Draft::new(self.severity(r#use, true), "undefined-member", message, self.spot(expr.span));
        if ["owner", "repo", "host", "organization", "project", "workspace"].contains(&name) {
            draft = draft
                .help(format!("`({subject} | parseRepoUrl).{name}` takes the URL of a repository apart"));
        }
        let draft = self.rendered(draft, Sign::Undefined, expr.span);
        self.push(draft);
    }

    /// A member that an object certainly does not have. Where a condition has asked for it, it was said there.
    fn missing(&mut self, expr: &Expr, object: &Expr, held: &Type, name: &str, r#use: Use) {
        if path(expr).is_some_and(|path| self.env.is_settled(&path)) {
            return;
        }
        let known = held.members.iter().flat_map(|members| members.known.keys());
        let near = similar(name, known).map(str::to_owned);
        let path = path(object).unwrap_or_default();
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let severity = self.severity(r#use, near.is_some());
        let spot = self.spot(expr.span);
        let draft = match path[..] {
            ["parameters"] => {
                let message = format!("no page of the form has a field `{name}`");
                Draft::new(severity.max(Severity::Warning), "undefined-parameter", message, spot)
            }
            ["steps"] => self.missing_step(name, spot),
            ["steps", id, "output"] => {
                let (id, message) = (id.to_owned(), format!("step `{id}` has no output `{name}`"));
                let names: Vec<_> = held.members.iter().flat_map(|it| it.known.keys()).cloned().collect();
                Draft::new(severity.min(Severity::Warning), "unknown-output", message, spot)
                    .help(format!("`{id}` answers {}", names.join(", ")))
            }
            ["steps", _] => Draft::error("unknown-output", format!("a step has no `{name}`"), spot)
                .help("it has `output`"),
            ["values" | "cookiecutter"] => {
                let message = format!("the step that renders this file passes no value `{name}`");
                Draft::new(severity, "undefined-value", message, spot)
            }
            _ => {
                let subject = self.slice(object.span).to_owned();
                let message = format!("`{subject}` has no member `{name}`");
                Draft::new(severity, "undefined-member", message, spot)
            }
        };
        let draft = draft.suggest(near.as_deref());
        let draft = self.rendered(draft, Sign::Undefined, expr.span);
        self.push(draft);
    }

    /// As [`severity`]. A file may ask for what the step that renders it does not pass, however that is spelt: another
    /// step may pass it.
    fn severity(&self, r#use: Use, misspelt: bool) -> Severity {
        match severity(r#use, misspelt) {
            Severity::Error if self.is_file() && r#use == Use::Guard => Severity::Warning,
            severity => severity,
        }
    }

    fn missing_step(&self, name: &str, spot: Spot) -> Draft {
        let steps = &self.vocabulary.steps;
        match steps.iter().position(|id| id == name) {
            Some(index) if index == self.vocabulary.next => {
                Draft::error("forward-step", format!("step `{name}` refers to its own output"), spot)
            }
            Some(_) => Draft::error("forward-step", format!("step `{name}` has not run yet here"), spot)
                .help("steps run in the order they are written; move it up"),
            None => {
                let draft = Draft::error("unknown-step", format!("no step has the id `{name}`"), spot);
                match similar(name, steps) {
                    Some(near) => draft.suggest(Some(near)),
                    None => draft.help(format!("the steps are {}", steps.join(", "))),
                }
            }
        }
    }
}

/// How much it matters that something is not there. Who only asks whether it is there may know that, unless another
/// spelling has it.
fn severity(r#use: Use, misspelt: bool) -> Severity {
    match r#use {
        Use::Guard if !misspelt => Severity::Info,
        _ => Severity::Error,
    }
}
