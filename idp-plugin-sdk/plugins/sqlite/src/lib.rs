//! IDP plugin: sqlite.
