//! A form being filled in.

use std::collections::BTreeMap;
use std::sync::Arc;

use idp_core::Secret;
use serde_json::{Map, Value};

use super::fields::{Ask, Field, fields};
use super::rules::problem;
use super::secrets::is_secret;
use super::state::State;
use super::{Question, QuestionKind};
use crate::parameters::{FieldError, Schema, field_errors, starred, stars, with_defaults};
use crate::{PlanRequest, Template};

/// How many steps back can be taken.
const HISTORY: usize = 1000;

/// How often a form is gone through for what needs nobody's word.
const ROUNDS: usize = 100;

/// How many elements come into being without a question in all: lists in lists multiply.
const MOST_ADDED: usize = 200;

/// How far a form is answered without anybody's word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// To the first question, whose answer may change what comes after it.
    Question,
    /// To its end.
    End,
}

/// The form of a template being filled in: what is asked next, and whether an answer will do.
///
/// A terminal, a bot or a portal shows each [`Question`] in its own way. Fields of `dependencies`, `oneOf` and `if` are
/// asked for once the answers so far call for them.
///
/// ```
/// # use idp_core::Entity;
/// # use idp_scaffolder::{Form, Template};
/// # use serde_json::json;
/// let template = Template::from_entity(Entity::from_value(json!({
///     "apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "service"},
///     "spec": {"type": "service", "steps": [], "parameters": {
///         "required": ["name"],
///         "properties": {
///             "name": {"type": "string", "pattern": "^[a-z]+$"},
///             "database": {"type": "boolean", "default": false},
///         },
///         "if": {"properties": {"database": {"const": true}}},
///         "then": {"properties": {"engine": {"type": "string", "enum": ["postgres", "mysql"]}}},
///     }},
/// }))?, None)?;
///
/// let mut form = Form::new(template).expect("the schemas are in order");
/// assert_eq!(form.next_question().unwrap().field, "/name");
/// assert!(form.answer(json!("Payments")).is_err(), "a capital letter");
/// form.answer(json!("payments")).unwrap();
/// assert_eq!(form.next_question().unwrap().default, Some(json!(false)));
/// form.answer(json!(true)).unwrap();
/// assert_eq!(form.next_question().unwrap().field, "/engine");
/// form.answer(json!("postgres")).unwrap();
/// assert!(form.next_question().is_none());
/// let answers = form.finish().unwrap();
/// assert_eq!(json!(answers.parameters), json!({"name": "payments", "database": true, "engine": "postgres"}));
/// # Ok::<(), idp_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Form {
    pub(super) template: Arc<Template>,
    pub(super) state: State,
    history: Vec<State>,
}

/// What a form was answered.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Answers {
    /// The parameters, with the defaults of what was left open.
    pub parameters: Map<String, Value>,
    /// The secrets, by name.
    pub secrets: BTreeMap<String, Secret>,
}

impl From<Answers> for PlanRequest {
    fn from(answers: Answers) -> Self {
        let mut request = Self::new(answers.parameters);
        request.secrets = answers.secrets;
        request
    }
}

impl Form {
    /// An empty form.
    ///
    /// # Errors
    /// The schemas of the template that cannot be used.
    pub fn new(template: impl Into<Arc<Template>>) -> Result<Self, Vec<FieldError>> {
        let template = template.into();
        let errors = field_errors(&template, &Map::new());
        let bad: Vec<_> = errors.into_iter().filter(|it| it.code == "schema-invalid").collect();
        if bad.is_empty() {
            Ok(Self { template, state: State::default(), history: Vec::new() })
        } else {
            Err(bad)
        }
    }

    /// With answers that are there already; they are not asked for. Whether they will do is said at the end, or by
    /// [`Form::reopen`].
    #[must_use]
    pub fn given(mut self, values: Map<String, Value>) -> Self {
        self.state.values.extend(values);
        let lost = starred(&self.template, &self.state.values);
        lost.iter().for_each(|pointer| self.open_lists(pointer));
        self.hide_secrets();
        self
    }

    /// With a secret that is there already.
    #[must_use]
    pub fn secret(mut self, name: impl Into<String>, secret: Secret) -> Self {
        self.state.secrets.insert(name.into(), secret);
        self
    }

    /// The template that it is the form of.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// The answers so far.
    pub fn values(&self) -> &Map<String, Value> {
        &self.state.values
    }

    /// What is asked next; `None` where nothing is left to ask.
    pub fn next_question(&mut self) -> Option<Question> {
        let template = Arc::clone(&self.template);
        let all = self.answered_alone(&template, Until::Question);
        let mut open = all.iter().filter(|it| self.is_open(it));
        open.find_map(|field| self.question(field)).or_else(|| self.next_secret(&all))
    }

    /// The question that a field asks, where it asks one.
    fn question(&self, field: &Field<'_>) -> Option<Question> {
        match &field.asks {
            Ask::Constant(_) => None,
            Ask::Elements { count, .. } => Some(Question::of(field, QuestionKind::Another { count: *count })),
            Ask::Question(QuestionKind::Secret) => {
                let required = field.required || self.needs_secret(&self.secret_name(&field.pointer));
                Some(Question { required, ..Question::of(field, QuestionKind::Secret) })
            }
            Ask::Question(kind) => Some(Question::of(field, kind.clone())),
        }
    }

    /// The fields, once what needs nobody's word is answered: an answer can call for more of it.
    fn answered_alone<'t>(&mut self, template: &'t Template, until: Until) -> Vec<Field<'t>> {
        for _ in 0..ROUNDS {
            let all = fields(template, &self.state);
            if !self.answer_alone(&all, until) {
                return all;
            }
        }
        fields(template, &self.state)
    }

    /// Answers those fields that need nobody's word. False where there are none.
    fn answer_alone(&mut self, all: &[Field<'_>], until: Until) -> bool {
        let mut changed = false;
        for field in all {
            if self.is_open(field) {
                let answered = self.answer_field_alone(field, until);
                if !answered && until == Until::Question {
                    break;
                }
                changed |= answered;
            }
        }
        changed
    }

    /// Answers a field by its constant, a secret that is there, or the elements that its list has at least.
    fn answer_field_alone(&mut self, field: &Field<'_>, until: Until) -> bool {
        match &field.asks {
            Ask::Constant(value) => self.state.set(&field.pointer, value.clone()),
            Ask::Question(QuestionKind::Secret) if self.has_secret(&field.pointer) => {
                self.state.set(&field.pointer, stars(field.schema));
            }
            // Nobody fills in an element that comes into being at the end.
            Ask::Elements { count, least, blank } if count < least && until == Until::Question => {
                let room = MOST_ADDED.saturating_sub(self.state.added).min(least - count);
                self.state.added += room;
                (0..room).for_each(|_| self.add_element(&field.pointer, blank.clone()));
                return room > 0;
            }
            _ => return false,
        }
        true
    }

    /// Answers the question that is asked next.
    ///
    /// # Errors
    /// Why the answer will not do; the question stays.
    pub fn answer(&mut self, answer: Value) -> Result<(), FieldError> {
        let Some(question) = self.next_question() else { return Err(nothing_asked()) };
        let before = self.state.clone();
        let outcome = self.take(&question, answer);
        self.settle(outcome, before)
    }

    /// Answers a question for a secret. The value goes nowhere but into [`Answers::secrets`].
    ///
    /// # Errors
    /// Why it will not do, without a word of the value; the question stays.
    pub fn answer_secret(&mut self, secret: Secret) -> Result<(), FieldError> {
        let Some(question) = self.next_question() else { return Err(nothing_asked()) };
        let before = self.state.clone();
        let outcome = self.take_secret(&question, secret);
        self.settle(outcome, before)
    }

    /// Leaves the question that is asked next open; a default holds where there is one.
    ///
    /// # Errors
    /// It has to be answered, and has no default.
    pub fn skip(&mut self) -> Result<(), FieldError> {
        let Some(question) = self.next_question() else { return Err(nothing_asked()) };
        match (question.default.clone(), question.required) {
            (Some(default), _) => self.answer(default),
            (None, true) => Err(self.wrong(&question, "has to be answered")),
            (None, false) => {
                self.remember(self.state.clone());
                self.state.settled.insert(question.field);
                Ok(())
            }
        }
    }

    /// Takes the last answer back. False where there is none.
    pub fn back(&mut self) -> bool {
        let last = self.history.pop();
        let there = last.is_some();
        self.state = last.unwrap_or_else(|| std::mem::take(&mut self.state));
        there
    }

    /// What is wrong with the answers, what is missing included.
    pub fn errors(&self) -> Vec<FieldError> {
        let mut errors = field_errors(&self.template, &with_defaults(&self.template, &self.state.values));
        errors.extend(self.rule_errors());
        errors.extend(self.secret_errors());
        errors
    }

    /// What Backstage's form extensions find wrong with the answers, given ones as much as typed ones.
    fn rule_errors(&self) -> Vec<FieldError> {
        let wrong = |field: &Field<'_>| {
            let Ask::Question(kind) = &field.asks else { return None };
            let message = problem(kind, field.schema, self.state.get(&field.pointer)?)?;
            let mut error = FieldError::parameter(&field.pointer, field.rule.clone(), message);
            self.template.locate(&mut error);
            Some(error)
        };
        fields(&self.template, &self.state).iter().filter_map(wrong).collect()
    }

    /// Asks again for the answers that will not do, and says why. What is only missing is no answer, and what the form
    /// does not ask for cannot be asked for again.
    pub fn reopen(&mut self) -> Vec<FieldError> {
        let mut errors = self.errors();
        errors.iter().for_each(|error| self.open_lists(&error.field));
        errors.retain(|error| self.state.get(&error.field).is_some() && self.reopen_field(&error.field));
        errors
    }

    /// Asks for the elements of the given lists that a field is in, but for no further ones.
    fn open_lists(&mut self, pointer: &str) {
        for (at, _) in pointer.match_indices('/').skip(1) {
            let list = &pointer[..at];
            if self.state.get(list).is_some_and(Value::is_array) && self.state.open.insert(list.to_owned()) {
                self.state.settled.insert(list.to_owned());
            }
        }
    }

    fn reopen_field(&mut self, pointer: &str) -> bool {
        let mut state = self.state.clone();
        state.forget(pointer);
        let below = format!("{pointer}/");
        // A secret does not stand there, so asking for it again would mend nothing.
        let asked = fields(&self.template, &state).iter().any(|field| {
            (field.pointer == pointer || field.pointer.starts_with(&below)) && !is_secret(field)
        });
        if asked {
            self.state = state;
        }
        asked
    }

    /// The answers, with the defaults of what was left open.
    ///
    /// # Errors
    /// What is wrong or missing, field by field.
    pub fn finish(mut self) -> Result<Answers, Vec<FieldError>> {
        self.hide_secrets();
        let template = Arc::clone(&self.template);
        let all = self.answered_alone(&template, Until::End);
        self.drop_stars(&all);
        let errors = self.errors();
        if !errors.is_empty() {
            return Err(errors);
        }
        let parameters = with_defaults(&self.template, &self.state.values);
        Ok(Answers { parameters, secrets: self.state.secrets })
    }

    /// Whether a field is still to be asked for.
    fn is_open(&self, field: &Field<'_>) -> bool {
        match field.asks {
            Ask::Elements { .. } => {
                let open = self.state.open.contains(&field.pointer);
                !self.state.settled.contains(&field.pointer)
                    && (open || self.state.get(&field.pointer).is_none())
            }
            // It is no field any more once it is answered.
            Ask::Question(QuestionKind::Variant(_)) => true,
            // Stars alone are the trace of a secret that was given another time.
            Ask::Question(QuestionKind::Secret) => {
                let there = self.has_secret(&field.pointer) && self.state.get(&field.pointer).is_some();
                !there && !self.state.settled.contains(&field.pointer)
            }
            _ => !self.state.has(&field.pointer),
        }
    }

    fn take(&mut self, question: &Question, answer: Value) -> Result<(), FieldError> {
        let field = &question.field;
        match (&question.kind, &answer) {
            (QuestionKind::Secret, _) => Err(self.wrong(question, "is a secret, and no parameter")),
            (QuestionKind::Another { count }, _) => self.take_another(question, *count, &answer),
            (QuestionKind::Variant(titles), _) => {
                let index = answer.as_u64().and_then(|it| usize::try_from(it).ok());
                let index = index.filter(|it| *it < titles.len());
                let index = index.ok_or_else(|| self.wrong(question, "is none of those to choose from"))?;
                self.state.variants.insert(field.clone(), index);
                Ok(())
            }
            // A field of a form that is left empty has no value.
            (QuestionKind::Text { .. }, Value::String(text)) if text.is_empty() && !question.required => {
                self.state.settled.insert(field.clone());
                Ok(())
            }
            (QuestionKind::Text { .. } | QuestionKind::Entity(_), Value::String(text)) if text.is_empty() => {
                Err(self.wrong(question, "has to be answered"))
            }
            _ => self.take_value(question, answer),
        }
    }

    fn take_value(&mut self, question: &Question, answer: Value) -> Result<(), FieldError> {
        let field = &question.field;
        if let Some(problem) =
            problem(&question.kind, Schema::new(&question.schema, &question.schema), &answer)
        {
            return Err(self.wrong(question, problem));
        }
        self.state.set(field, answer);
        self.errors_at(field).into_iter().next().map_or(Ok(()), Err)
    }

    /// What is wrong with the answer to a field. Without the defaults it has to be wrong as well: those of fields that
    /// have not been asked for are no fault of this one.
    fn errors_at(&self, field: &str) -> Vec<FieldError> {
        let below = format!("{field}/");
        let own = |it: &FieldError| it.field == *field || it.field.starts_with(&below);
        let mut errors = field_errors(&self.template, &self.state.values);
        errors.retain(own);
        if errors.is_empty() {
            return errors;
        }
        let mut errors = self.errors();
        errors.retain(own);
        errors
    }

    fn take_another(&mut self, question: &Question, count: usize, answer: &Value) -> Result<(), FieldError> {
        let field = &question.field;
        match answer.as_bool() {
            None => return Err(self.wrong(question, "is answered by yes or no")),
            Some(true) => self.add_element(field, self.blank_element(field)),
            Some(false) => {
                if count == 0 && question.required && question.schema.get("default").is_none() {
                    self.state.set(field, Value::Array(Vec::new()));
                }
                self.state.settled.insert(field.clone());
            }
        }
        Ok(())
    }

    /// What an element of a list is before it is answered.
    fn blank_element(&self, list: &str) -> Value {
        let blank = |field: Field<'_>| match field.asks {
            Ask::Elements { blank, .. } if field.pointer == list => Some(blank),
            _ => None,
        };
        fields(&self.template, &self.state).into_iter().find_map(blank).unwrap_or_default()
    }

    /// Adds an element to a list, which is asked for then, or its fields are.
    fn add_element(&mut self, list: &str, blank: Value) {
        let count = match self.state.get(list) {
            Some(Value::Array(items)) => items.len(),
            _ => {
                self.state.set(list, Value::Array(Vec::new()));
                0
            }
        };
        let element = format!("{list}/{count}");
        self.state.open.insert(list.to_owned());
        if blank.is_array() {
            self.state.open.insert(element.clone());
        }
        self.state.set(&element, blank);
    }

    /// An answer that will not do whatever the schema says.
    pub(super) fn wrong(&self, question: &Question, message: impl Into<String>) -> FieldError {
        let mut error = FieldError::parameter(&question.field, question.rule.clone(), message);
        self.template.locate(&mut error);
        error
    }

    /// Keeps what an answer has changed, or takes it back.
    fn settle(&mut self, outcome: Result<(), FieldError>, before: State) -> Result<(), FieldError> {
        match outcome {
            Ok(()) => self.remember(before),
            Err(_) => self.state = before,
        }
        outcome
    }

    fn remember(&mut self, state: State) {
        if self.history.len() == HISTORY {
            self.history.remove(0);
        }
        self.history.push(state);
    }
}

fn nothing_asked() -> FieldError {
    FieldError::parameter("", String::new(), "nothing is asked")
}
