//! Whether a name is free, asked before something is made: what makes it would write over what is there.

use azimuth_api::{ApiError, Operation};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::client::Client;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum NameCheck {
    /// Nobody asked yet.
    #[default]
    Unasked,
    /// It is being asked.
    Asking,
    /// There is something of that name.
    Taken,
    /// Nobody knows, and nothing was sent.
    Failed(ApiError),
}

impl NameCheck {
    /// Reads what has the name, and goes on where there is nothing.
    pub fn ask<O>(check: RwSignal<Self>, client: Client, question: O, go_on: impl Fn() + 'static)
    where
        O: Operation + 'static,
    {
        if check.with_untracked(|check| *check == Self::Asking) {
            return;
        }
        check.set(Self::Asking);
        spawn_local(async move {
            let found = match client.ask(&question).await {
                Ok(_) => Self::Taken,
                Err(error) if error.is_not_found() => Self::Unasked,
                Err(error) => Self::Failed(error),
            };
            let is_free = found == Self::Unasked;
            // The page may be gone, and then nothing is to be made.
            if check.try_set(found).is_none() && is_free {
                go_on();
            }
        });
    }
}
