//! What is secret does not show itself: no type that holds a secret has a `Display` or can be written out, and the
//! `Debug` of each says nothing of it.

use std::fmt;

use azimuth_api::{
    AccessToken, Administrator, ApiError, AuthorizationResponse, Cloud, ContentInformation, CreateCompute,
    Grant, GrantTokens, NewCluster, NewScale, Operation, PersonTokens, RequestToken, ScoringKey, Secret,
    ServiceKeys, ServiceToken, SignedAddress, TokenEndpoint, TokenReply, WorkspaceId, WorkspaceKeys,
};
use http::Response;
use serde::de::DeserializeOwned;

/// Stands in every secret here, and in nothing else.
const HUSH: &str = "hush";

fn decoded<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[track_caller]
fn check(value: &impl fmt::Debug) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!shown.contains(HUSH), "{shown}");
    }
}

fn secret() -> Secret {
    Secret::new("hush-1")
}

const TOKENS: &str =
    r#"{"access_token":"hush-1","refresh_token":"hush-2","id_token":"hush.hush.hush","expires_in":1}"#;

fn granted(grant: Grant) -> GrantTokens {
    GrantTokens { tenant: "contoso".to_owned(), client_id: "c".to_owned(), scope: "s".to_owned(), grant }
}

fn redemption() -> GrantTokens {
    let redirect_uri = "https://s/auth.html".to_owned();
    granted(Grant::Code { code: secret(), verifier: secret(), redirect_uri, claims: None })
}

fn renewal() -> GrantTokens {
    granted(Grant::Refresh(secret()))
}

fn request_token() -> RequestToken {
    RequestToken {
        tenant: "contoso".to_owned(),
        client_id: "c".to_owned(),
        client_secret: secret(),
        audience: Cloud::Public.audience(),
        endpoint: TokenEndpoint::V2,
    }
}

#[test]
fn no_debug_shows_what_signs_somebody_in() {
    check(&secret());
    check(&AccessToken::new("hush"));
    check(&decoded::<TokenReply>(TOKENS));
    let tokens = decoded::<PersonTokens>(TOKENS);
    check(&tokens);
    check(&(tokens.access_token(), tokens.refresh_token()));
    check(&AuthorizationResponse::parse("code=hush&state=s").unwrap());
    check(&redemption());
    check(&renewal());
    check(&request_token());
}

#[test]
fn no_debug_of_a_form_shows_what_it_sends() {
    for body in [redemption().body(), renewal().body(), request_token().body()] {
        let azimuth_api::Body::Form(form) = body else { panic!("not a form") };
        assert!(form.encoded().contains(HUSH), "nothing is sent");
        check(&form);
    }
}

#[test]
fn no_debug_shows_keys_passwords_and_signatures() {
    let keys = decoded::<ServiceKeys>(r#"{"primaryKey":"hush-1","secondaryKey":"hush-2"}"#);
    let token = decoded::<ServiceToken>(r#"{"accessToken":"hush-3","expiryOn":1}"#);
    check(&ScoringKey::of_token(&token));
    check(&ScoringKey::typed("hush").unwrap());
    check(&keys);
    check(&token);
    check(&decoded::<WorkspaceKeys>(
        r#"{"userStorageKey":"hush-1","containerRegistryCredentials":{"passwords":[{"value":"hush-2"}]}}"#,
    ));
    check(&decoded::<ContentInformation>(r#"{"contentUri":"https://shop.example/x?sv=1&sig=hush"}"#));
    check(&SignedAddress::new("https://shop.example/x?sv=1&sig=hush"));
    let administrator =
        Administrator { name: "root".to_owned(), password: secret(), public_key: String::new() };
    let wanted = NewCluster {
        location: "westeurope".to_owned(),
        tags: Default::default(),
        description: String::new(),
        vm_size: "Standard_D2".to_owned(),
        is_low_priority: false,
        scale: NewScale { min_node_count: 0, max_node_count: 1, node_idle_time_before_scale_down: None },
        administrator: Some(administrator),
    };
    let workspace = WorkspaceId { subscription: "s".into(), resource_group: "g".into(), name: "w".into() };
    check(&CreateCompute { workspace, compute: "c".into(), wanted });
}

/// An answer that cannot be read is shown, in part, to whoever has to find out where it comes from.
#[test]
fn no_error_shows_what_an_answer_that_cannot_be_read_holds() {
    fn error<O: Operation>(operation: &O, body: &str) -> Option<ApiError> {
        let response = Response::builder().status(200).body(body.as_bytes().to_vec()).unwrap();
        operation.read(&response).err()
    }
    for body in [
        r#"{"access_token":"hush","expires_in":"soon"}"#,
        r#"{"access_token":{"text":"hush"}}"#,
        r#"{"accessToken":"hush"}"#,
        r#"{"access_token":"hush"#,
        r#"["hush","soon"]"#,
        r#""hush""#,
    ] {
        for error in [error(&redemption(), body), error(&renewal(), body), error(&request_token(), body)] {
            check(&error.unwrap_or_else(|| panic!("it was read: {body}")));
        }
    }
}

/// Fails to compile where a type has the trait: which of two functions is meant cannot be told then.
macro_rules! has_none_of {
    ($trait:path: $($type:ty),+) => {{
        trait Unless<Told> {
            fn have_it() {}
        }
        impl<T: ?Sized> Unless<()> for T {}
        #[allow(dead_code, reason = "it is there to be met")]
        struct Has;
        impl<T: ?Sized + $trait> Unless<Has> for T {}
        $(<$type as Unless<_>>::have_it();)+
    }};
}

#[test]
fn no_secret_can_be_printed_or_written_out() {
    has_none_of!(fmt::Display:
        Secret, AccessToken, TokenReply, PersonTokens, AuthorizationResponse, ScoringKey, ServiceKeys, ServiceToken,
        WorkspaceKeys, SignedAddress, RequestToken, Grant, GrantTokens);
    has_none_of!(serde::Serialize:
        Secret, AccessToken, TokenReply, PersonTokens, AuthorizationResponse, ScoringKey, ServiceKeys, ServiceToken,
        WorkspaceKeys, SignedAddress, RequestToken, Grant, GrantTokens);
}
