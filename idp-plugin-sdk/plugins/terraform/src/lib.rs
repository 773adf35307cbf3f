//! Stacks of infrastructure, through the real Terraform or OpenTofu command line.
//!
//! [`TerraformProvider`] makes a [`Stack`](idp_plugin_sdk::resources::Stack) true:
//!
//! - a plan of the engine runs a real `plan` on a copy of the state and shows what it says;
//! - apply runs the same plan again, refuses where it would do something else by now, and applies it;
//! - undo applies the code that was applied before, or destroys the stack where there was none.
//!
//! Each stack has a folder below [`TerraformConfig::state_folder`] with its state and the code of every version that
//! undo may go back to. Keep the folder as safe as the state in it: Terraform writes secrets there in the clear. A
//! backend that the code names is overridden by this folder.
//!
//! Observing reads this folder and starts no program, so it does not see what changed in the infrastructure itself.
//!
//! ```
//! use idp_plugin_sdk::Registry;
//! use idp_plugin_terraform::{TerraformConfig, TerraformPlugin};
//!
//! let mut registry = Registry::new();
//! registry.install(&TerraformPlugin::new(TerraformConfig::new("/var/lib/idp/stacks")))?;
//! assert_eq!(registry.resource_kinds().collect::<Vec<_>>(), ["stack"]);
//! # Ok::<(), idp_plugin_sdk::Error>(())
//! ```
//!
//! It needs `terraform` (1.4 or newer) or `tofu` in `PATH`, or named in the configuration. Where neither is there, the
//! plan says so.

mod advance;
mod change;
mod cli;
mod config;
mod plan;
mod plugin;
mod provider;
mod state;
mod store;
mod undo;
mod workdir;

pub use config::TerraformConfig;
pub use plugin::TerraformPlugin;
pub use provider::TerraformProvider;
