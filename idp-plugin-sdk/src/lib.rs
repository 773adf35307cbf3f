//! idp-plugin-sdk.
