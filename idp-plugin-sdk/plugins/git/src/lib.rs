//! IDP plugin: git.
