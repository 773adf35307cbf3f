#![doc = include_str!("../README.md")]

/// The guide's pages: what they show compiles and runs.
pub mod guide {
    #[doc = include_str!("../docs/guide/history.md")]
    pub mod history {}
    #[doc = include_str!("../docs/guide/model.md")]
    pub mod model {}
    #[doc = include_str!("../docs/guide/states.md")]
    pub mod states {}
}
