//! The page that stands in place of all others when `config.json` holds what it may not.

use leptos::prelude::*;

use crate::components::facts::{Fact, Facts};
use crate::components::header::PageTitle;
use crate::navigation::use_title;
use crate::settings::SettingsFault;

/// Which field is wrong, what it holds and what it may hold.
#[component]
pub fn SettingsFaultPage(fault: SettingsFault) -> impl IntoView {
    use_title("Settings".to_owned());
    let field = if fault.field.is_empty() { "the whole file".to_owned() } else { fault.field };

    view! {
        <main class="page middle">
            <PageTitle title="This page is not set up right"/>
            <p role="alert">"Its settings, "<code>"config.json"</code>" beside the page, hold a value that cannot be used. Whoever put this page here can mend it."</p>
            <Facts stacks=true>
                <Fact name="Field"><code>{field}</code></Fact>
                <Fact name="It holds"><code>{fault.found}</code></Fact>
                <Fact name="It may hold">{fault.expected}</Fact>
            </Facts>
        </main>
    }
}
