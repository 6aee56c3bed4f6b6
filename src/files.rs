//! A run's files: where their bytes come from, and what is in them.

pub mod csv;
pub mod download;
pub mod json_text;
pub mod notebook;
pub mod reader;
pub mod tree;
pub mod zip;
