//! Explains an error that somebody has in hand.

use azimuth_api::{ApiError, Refusal};
use leptos::prelude::*;

use crate::components::field::TextArea;
use crate::components::panel::Hint;
use crate::explain::{Explanation, explain_refusal};
use crate::load::ExplanationPanel;

/// A place to paste an error from anywhere, and what it means.
#[component]
pub fn Explainer() -> impl IntoView {
    // Kept nowhere: what people paste may hold more than they know.
    let pasted = RwSignal::new(String::new());
    let found =
        Memo::new(move |_| pasted.with(|text| (!text.trim().is_empty()).then(|| ApiError::of_text(text))));
    let answer = move || {
        match found.get() {
        None => ().into_any(),
        Some(Some(refusal)) => {
            // What the service said stands right above.
            let explanation = Explanation { said: None, ..explain_refusal(&refusal, title(&refusal)) };
            view! { <ExplanationPanel explanation=explanation inline=true/> }.into_any()
        }
        Some(None) => view! {
            <Hint>"There is no code of Azure in this text that could be explained. Codes look like AuthorizationFailed or AADSTS700016."</Hint>
        }
        .into_any(),
    }
    };

    view! {
        <section class="section">
            <h2>"Explain an error"</h2>
            <TextArea
                label="Error"
                value=pasted
                rows=5
                code=true
                help="An answer of the service, what Microsoft’s sign-in page shows, the output of az or of a Python client, or a code such as AADSTS700016. It stays in this page."
            />
            <div role="status">{answer}</div>
        </section>
    }
}

/// "409 Conflict", or what of it is known.
fn title(refusal: &Refusal) -> String {
    match (refusal.status, refusal.exact_code()) {
        (0, Some(code)) => code.to_owned(),
        (status, Some(code)) => format!("{status} {code}"),
        (status, None) => format!("Status {status}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_has_what_is_known() {
        let refusal = |status, code: Option<&str>| Refusal {
            status,
            code: code.map(str::to_owned),
            ..Refusal::default()
        };
        assert_eq!(title(&refusal(409, Some("Conflict"))), "409 Conflict");
        assert_eq!(title(&refusal(0, Some("Conflict"))), "Conflict");
        assert_eq!(title(&refusal(503, None)), "Status 503");
    }
}
