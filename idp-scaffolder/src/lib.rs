//! idp-scaffolder.
