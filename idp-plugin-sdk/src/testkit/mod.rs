//! The conformance kit: what every implementation of a contract is held to. Outside of semver.
