#![doc = include_str!("../README.md")]

/// The guide's pages: what they show compiles and runs.
pub mod guide {
    #[doc = include_str!("../docs/guide/graph.md")]
    pub mod graph {}
    #[doc = include_str!("../docs/guide/history.md")]
    pub mod history {}
    #[doc = include_str!("../docs/guide/model.md")]
    pub mod model {}
    #[doc = include_str!("../docs/guide/parameters.md")]
    pub mod parameters {}
    #[doc = include_str!("../docs/guide/predicates.md")]
    pub mod predicates {}
    #[doc = include_str!("../docs/guide/query.md")]
    pub mod query {}
    #[doc = include_str!("../docs/guide/sources.md")]
    pub mod sources {}
    #[doc = include_str!("../docs/guide/states.md")]
    pub mod states {}
    #[doc = include_str!("../docs/guide/templates.md")]
    pub mod templates {}
    #[doc = include_str!("../docs/guide/templates-check.md")]
    pub mod templates_check {}
}
