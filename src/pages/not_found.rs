//! An address that means nothing.

use leptos::prelude::*;

use crate::components::header::PageTitle;
use crate::navigation::{Navigation, use_title};
use crate::route::Route;

/// Says so, and shows a way back.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    use_title("Not found".to_owned());
    let navigation = expect_context::<Navigation>();

    view! {
        <div class="page middle">
            <PageTitle title="There is no such page"/>
            <p>"The address may be cut off or mistyped. What stands behind “#” mirrors the ids of Azure: subscription, resource group, workspace."</p>
            <div class="cluster"><a class="button primary" href=navigation.href(Route::Home)>"Go to the start"</a></div>
        </div>
    }
}
