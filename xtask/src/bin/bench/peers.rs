//! What others need for the same.
//!
//! Each was started with its own server on loopback and filled with 1,000 runs, and seen by headless Chromium on a quiet
//! machine with two cores: cold cache, median of five loads, window of 1440 by 900. "fast 4G" is 9 Mbit/s down, 1.5 up,
//! 60 ms. Absolute times hold for that machine alone; what counts is the order of magnitude.

pub const NAMES: [&str; 4] = ["MLflow", "Aim", "TensorBoard", "Dagster"];

pub const FIRST_ROW_LOCAL: [&str; 4] = ["2.24 s", "2.35 s", "2.15 s", "1.23 s"];
pub const FIRST_ROW_FAST_4G: [&str; 4] = ["9.37 s", "4.07 s", "3.93 s", "5.46 s"];
pub const REQUESTS: [&str; 4] = ["48", "28", "15", "55"];
pub const BYTES: [&str; 4] = ["8.2 MB", "3.3 MB", "2.1 MB", "4.5 MB"];
pub const FRAMES: [&str; 4] =
    ["16.6 / 19.8 / 24", "31.1 / 72.6 / 171", "16.7 / 25.2 / 32.5", "16.6 / 25.2 / 84.1"];
pub const ELEMENTS: [&str; 4] = ["7,034", "2,703", "24,440", "1,644"];
pub const HEAP: [&str; 4] = ["41.1 MB", "23.0 MB", "61.8 MB", "27.0 MB"];
pub const PRIVATE: [&str; 4] = ["116.9 MB", "96.1 MB", "226.8 MB", "93.2 MB"];
pub const SEARCH: [&str; 4] = ["460 ms", "1.32 s", "100 ms", "–"];
pub const IDLE_MINUTE: [&str; 4] = ["2, 458 kB", "0", "0", "21, 75 kB"];
pub const NONE: [&str; 4] = [""; 4];
