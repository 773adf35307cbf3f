//! IDP plugin: terraform.
