//! IDP plugin: environment.
