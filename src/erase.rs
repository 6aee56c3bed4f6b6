//! Erasing what a workspace keeps: a plan that somebody confirms, one deletion after the other, and a receipt.
//!
//! Nothing is deleted that was not in a plan that was confirmed. A deletion is noted in a private file before it is sent;
//! one whose answer is not known is looked at before anything else is sent, and is not sent again by itself. What was
//! deleted is asked for again: only a 404 makes it gone, or an answer that is of another thing, made since.

pub mod inventory;
pub mod journal;
pub mod order;
pub mod plan;
pub mod receipt;
pub mod work;
