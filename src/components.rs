//! Pieces that pages share. They take values, signals and callbacks, and never load anything.

pub mod badge;
pub mod button;
pub mod chart;
pub mod clock_time;
pub mod compute_state;
pub mod dialog;
pub mod download;
pub mod element_id;
pub mod facts;
pub mod field;
pub mod file_field;
pub mod format;
pub mod header;
pub mod icon;
pub mod navigation;
pub mod on_screen;
pub mod panel;
pub mod progress;
pub mod run_duration;
pub mod run_status_badge;
pub mod sort;
pub mod stages;
pub mod table;
pub mod theme;
pub mod time;
pub mod workspace_state;
