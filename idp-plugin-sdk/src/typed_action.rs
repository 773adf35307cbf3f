//! Actions with typed input and output.

use std::fmt;

use async_trait::async_trait;
use idp_core::{Action, ActionContext, ActionInfo, Error, ErrorKind, Result, unknown_origins};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::schema_of;

/// An [`Action`] whose schemas follow from its types. [`typed`] makes it an [`Action`].
///
/// ```
/// use idp_plugin_sdk::prelude::*;
///
/// #[derive(Debug)]
/// struct Greet;
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// struct Input {
///     /// Who is greeted.
///     name: String,
/// }
///
/// #[derive(serde::Serialize, schemars::JsonSchema)]
/// struct Output {
///     greeting: String,
/// }
///
/// #[async_trait]
/// impl TypedAction for Greet {
///     type Input = Input;
///     type Output = Output;
///
///     fn id(&self) -> &str {
///         "acme:greet"
///     }
///
///     fn description(&self) -> &str {
///         "Greets somebody."
///     }
///
///     async fn run(&self, _: &ActionContext<'_>, input: Input) -> Result<Output> {
///         Ok(Output { greeting: format!("hello {}", input.name) })
///     }
/// }
///
/// let mut registry = Registry::new();
/// registry.action(typed(Greet))?;
/// # Ok::<(), Error>(())
/// ```
#[async_trait]
pub trait TypedAction: fmt::Debug + Send + Sync + 'static {
    /// What a step gives.
    type Input: DeserializeOwned + JsonSchema + Send;
    /// What a step gets.
    type Output: Serialize + JsonSchema + Send;

    /// What a step names: `acme:greet`.
    fn id(&self) -> &str;

    /// What it does, for a person. Markdown.
    fn description(&self) -> &str;

    /// Whether it never changes the workspace, as [`ActionInfo::keeps_files`] promises.
    fn keeps_files(&self) -> bool {
        false
    }

    /// As [`Action::run`].
    async fn run(&self, cx: &ActionContext<'_>, input: Self::Input) -> Result<Self::Output>;
}

/// Makes an [`Action`] of a [`TypedAction`]: schemas derived, input read, output written.
pub fn typed<A: TypedAction>(action: A) -> impl Action {
    Typed(action)
}

#[derive(Debug)]
struct Typed<A>(A);

#[async_trait]
impl<A: TypedAction> Action for Typed<A> {
    fn info(&self) -> ActionInfo {
        let info = ActionInfo::new(self.0.id(), self.0.description())
            .input(schema_of::<A::Input>())
            .output(schema_of::<A::Output>());
        if self.0.keeps_files() { info.keeps_files() } else { info }
    }

    async fn run(&self, cx: &ActionContext<'_>, input: Value) -> Result<Value> {
        let input = read(self.0.id(), input)?;
        let output = self.0.run(cx, input).await?;
        serde_json::to_value(output)
            .map_err(|error| Error::internal("output does not serialise").because(error))
    }
}

/// A field that is not known yet reads as an object where the type wants something else: say so, rather than let the
/// author look for a mistake in the template.
fn read<T: DeserializeOwned>(id: &str, input: Value) -> Result<T> {
    let origins = unknown_origins(&input).join(", ");
    serde_json::from_value(input).map_err(|error| {
        if origins.is_empty() {
            return Error::invalid("not a valid input").with("action", id).because(error);
        }
        Error::new(ErrorKind::Unsupported, "this action needs values that are known only after apply")
            .with("action", id)
            .with("values", origins)
    })
}
