//! The app.

pub mod components;
