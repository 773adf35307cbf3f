//! idp-catalog.
