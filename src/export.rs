//! Taking the data of a workspace out, as one zip.

pub mod archive;
pub mod contents;
pub mod finish;
pub mod journal;
pub mod plan;
pub mod redact;
pub mod selection;
pub mod state;
pub mod tables;
pub mod task;
pub mod work;
