//! What the catalog is indexed with.
mod ids;
mod names;
mod ordered;
mod paged;
