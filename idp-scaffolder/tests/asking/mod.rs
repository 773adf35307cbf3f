//! Forms that are answered from a script.

use idp_core::Entity;
use idp_scaffolder::{Answers, Form, Template};
use serde_json::{Value, json};

pub(crate) fn template(spec: Value) -> Template {
    let mut spec = spec;
    spec["type"] = "test".into();
    spec["steps"] = json!([]);
    let entity = json!({
        "apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "t"}, "spec": spec,
    });
    Template::from_entity(Entity::from_value(entity).unwrap(), None).unwrap()
}

pub(crate) fn form(parameters: Value) -> Form {
    Form::new(template(json!({"parameters": parameters}))).unwrap()
}

/// Answers a form from a script of `(field, answer)`; null skips. Every question has to be the one in the script.
pub(crate) fn run(mut form: Form, script: &[(&str, Value)]) -> Answers {
    for (field, answer) in script {
        let question =
            form.next_question().unwrap_or_else(|| panic!("nothing is asked, rather than {field}"));
        assert_eq!(question.field, *field, "{question:?}");
        match answer {
            Value::Null => form.skip().unwrap(),
            answer => form.answer(answer.clone()).unwrap_or_else(|error| panic!("{error}")),
        }
    }
    let more = form.next_question();
    assert!(more.is_none(), "{more:?}");
    form.finish().unwrap_or_else(|errors| panic!("{errors:?}"))
}
