//! idp-core.
