//! Taking the data of a workspace out, as one zip.

pub mod selection;
pub mod state;
