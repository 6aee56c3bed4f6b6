//! What is done once what changed is drawn.

use leptos::prelude::*;

/// Does things with the next frame, unless the component that it was made in is gone by then, and its signals with it.
/// A handle.
#[derive(Clone, Copy)]
pub struct NextFrame(StoredValue<()>);

impl NextFrame {
    /// For the component that is being made.
    pub fn here() -> Self {
        Self(StoredValue::new(()))
    }

    /// Does it with the next frame.
    pub fn run(self, what: impl FnOnce() + 'static) {
        request_animation_frame(move || {
            if self.0.try_get_value().is_some() {
                what();
            }
        });
    }
}
