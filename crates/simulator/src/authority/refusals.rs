//! What the authority refuses, and how it is asked to: by the number of a refusal in a name.

use crate::answer::Answer;
use crate::call::Call;
use crate::login::{refusal_document, refused};

/// Where in a sign-in a refusal is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// On the authority's own page; nobody is sent back.
    Page,
    /// In what the application gets back from the page.
    Return,
    /// When a code is redeemed.
    Code,
    /// When a token is renewed.
    Refresh,
}

impl Stage {
    pub const ALL: [(Stage, &'static str); 4] = [
        (Stage::Page, "page"),
        (Stage::Return, "return"),
        (Stage::Code, "code"),
        (Stage::Refresh, "refresh"),
    ];
}

/// A refusal, where it is usually met, and its words.
#[derive(Debug)]
pub struct Refusal {
    pub code: u32,
    pub stage: Stage,
    pub status: u16,
    pub error: &'static str,
    pub message: &'static str,
}

const fn refusal(
    code: u32,
    stage: Stage,
    status: u16,
    error: &'static str,
    message: &'static str,
) -> Refusal {
    Refusal { code, stage, status, error, message }
}

/// Everything that can be asked for. Guess: the wording of those that no published page shows in full.
pub const REFUSALS: &[Refusal] = &[
    refusal(
        16_000,
        Stage::Return,
        400,
        "interaction_required",
        "Either multiple user identities are available for the current request or selected account is not supported \
         for the scenario.",
    ),
    refusal(
        50_011,
        Stage::Page,
        400,
        "invalid_request",
        "The redirect URI specified in the request does not match the redirect URIs configured for the application. \
         Make sure the redirect URI sent in the request matches one added to your application in the Azure portal.",
    ),
    refusal(
        50_020,
        Stage::Page,
        400,
        "invalid_request",
        "User account from identity provider 'live.com' does not exist in tenant and cannot access the application \
         in that tenant. The account needs to be added as an external user in the tenant first.",
    ),
    refusal(
        50_058,
        Stage::Return,
        400,
        "login_required",
        "Session information is not sufficient for single-sign-on.",
    ),
    refusal(
        50_076,
        Stage::Return,
        400,
        "interaction_required",
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must \
         use multi-factor authentication to access '797f4846-ba00-4fd7-ba43-dac1f8f63013'.",
    ),
    refusal(
        50_079,
        Stage::Return,
        400,
        "interaction_required",
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must \
         enroll in multi-factor authentication to access '797f4846-ba00-4fd7-ba43-dac1f8f63013'.",
    ),
    refusal(
        50_105,
        Stage::Page,
        400,
        "invalid_grant",
        "Your administrator has configured the application to block users unless they are specifically granted \
         access to the application.",
    ),
    refusal(
        50_148,
        Stage::Code,
        400,
        "invalid_grant",
        "The code_verifier does not match the code_challenge supplied in the authorization request for PKCE.",
    ),
    refusal(
        501_481,
        Stage::Code,
        400,
        "invalid_grant",
        "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
    ),
    refusal(
        50_173,
        Stage::Refresh,
        400,
        "invalid_grant",
        "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have \
         changed or reset their password.",
    ),
    refusal(
        500_011,
        Stage::Code,
        400,
        "invalid_resource",
        "The resource principal was not found in the tenant. This can happen if the application has not been \
         installed by the administrator of the tenant or consented to by any user in the tenant.",
    ),
    refusal(
        53_003,
        Stage::Return,
        400,
        "access_denied",
        "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
    ),
    refusal(
        54_005,
        Stage::Code,
        400,
        "invalid_grant",
        "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing \
         refresh token.",
    ),
    refusal(
        65_001,
        Stage::Return,
        400,
        "consent_required",
        "The user or administrator has not consented to use the application. Send an interactive authorization \
         request for this user and resource.",
    ),
    refusal(65_004, Stage::Return, 400, "access_denied", "User declined to consent to access the app."),
    refusal(70_000, Stage::Code, 400, "invalid_grant", "Provided grant is invalid or malformed."),
    refusal(
        70_003,
        Stage::Code,
        400,
        "unsupported_grant_type",
        "The app requested an unsupported grant type.",
    ),
    refusal(
        70_008,
        Stage::Code,
        400,
        "invalid_grant",
        "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive \
         authorization request for this user and resource.",
    ),
    refusal(
        70_011,
        Stage::Return,
        400,
        "invalid_scope",
        "The provided value for the input parameter 'scope' is not valid.",
    ),
    refusal(
        700_005,
        Stage::Code,
        400,
        "invalid_grant",
        "Provided Authorization Code is intended to use against other tenant, thus rejected.",
    ),
    refusal(
        700_016,
        Stage::Page,
        400,
        "unauthorized_client",
        "Application with identifier was not found in the directory. This can happen if the application has not \
         been installed by the administrator of the tenant or consented to by any user in the tenant. You may have \
         sent your authentication request to the wrong tenant.",
    ),
    refusal(
        700_025,
        Stage::Code,
        401,
        "invalid_client",
        "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
    ),
    refusal(
        700_082,
        Stage::Refresh,
        400,
        "invalid_grant",
        "The refresh token has expired due to inactivity.",
    ),
    refusal(
        700_084,
        Stage::Refresh,
        400,
        "invalid_grant",
        "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of \
         1.00:00:00, which cannot be extended. It is now expired and a new sign in request must be sent by the SPA \
         to the sign in page.",
    ),
    refusal(
        7_000_215,
        Stage::Code,
        401,
        "invalid_client",
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, \
         not the client secret ID, for a secret added to the app.",
    ),
    refusal(
        7_000_218,
        Stage::Code,
        401,
        "invalid_client",
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    ),
    refusal(
        7_000_222,
        Stage::Code,
        401,
        "invalid_client",
        "The provided client secret keys for the app are expired. Create new keys for your app in Azure portal, or \
         consider using certificate credentials for added security.",
    ),
    refusal(
        90_002,
        Stage::Page,
        400,
        "invalid_request",
        "Tenant not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.",
    ),
    refusal(
        90_033,
        Stage::Return,
        503,
        "temporarily_unavailable",
        "A transient error has occurred. Please try again.",
    ),
    refusal(
        90_094,
        Stage::Return,
        400,
        "access_denied",
        "An administrator of the organisation has set a policy that prevents you from granting the application the \
         permissions it is requesting.",
    ),
    refusal(
        90_020,
        Stage::Return,
        500,
        "server_error",
        "The service had an internal error. Please try again.",
    ),
    refusal(
        700_051,
        Stage::Return,
        400,
        "unsupported_response_type",
        "response_type 'token' is not enabled for the application.",
    ),
    refusal(
        900_144,
        Stage::Code,
        400,
        "invalid_request",
        "The request body must contain the following parameter: 'code_verifier'.",
    ),
    refusal(
        9_002_313,
        Stage::Return,
        400,
        "invalid_request",
        "Invalid request. Request is malformed or invalid.",
    ),
    refusal(
        9_002_325,
        Stage::Return,
        400,
        "invalid_request",
        "Proof Key for Code Exchange is required for cross-origin authorization code redemption.",
    ),
    refusal(
        9_002_326,
        Stage::Code,
        400,
        "invalid_request",
        "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type.",
    ),
    refusal(
        9_002_327,
        Stage::Code,
        400,
        "invalid_request",
        "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.",
    ),
];

/// The refusal with a number, which must be one of the table.
pub fn numbered(code: u32) -> &'static Refusal {
    REFUSALS.iter().find(|refusal| refusal.code == code).expect("only numbers of the table are asked for")
}

impl Refusal {
    /// The answer of the token endpoint. A page that is refused for what it is cannot read the refusal.
    pub fn answer(&self, call: &Call<'_>) -> Answer {
        self.answer_with(call, self.message)
    }

    pub fn answer_with(&self, call: &Call<'_>, message: &str) -> Answer {
        // At this endpoint a lack of consent is a matter of the grant.
        let (error, suberror) = match self.error {
            "consent_required" => ("invalid_grant", Some("consent_required")),
            error => (error, None),
        };
        let mut document = refusal_document(call, error, self.code, message);
        if let Some(suberror) = suberror {
            document["suberror"] = suberror.into();
        }
        let answer = refused(self.status, &document);
        if self.code == 9_002_326 { answer.unshared() } else { answer }
    }
}

/// The refusal that a name asks for at a stage: `aadsts65001` where it is usually met, `aadsts65001-on-refresh`
/// elsewhere. The name of a tenant, a client or an account may have it anywhere.
pub fn asked_for(name: &str, stage: Stage) -> Option<&'static Refusal> {
    let name = name.to_ascii_lowercase();
    let (_, rest) = name.split_once("aadsts")?;
    let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    let (code, rest) = rest.split_at(digits);
    let code: u32 = code.parse().ok()?;
    let refusal = REFUSALS.iter().find(|refusal| refusal.code == code)?;
    let elsewhere = rest
        .strip_prefix("-on-")
        .and_then(|rest| Stage::ALL.iter().find(|(_, name)| rest.starts_with(name)))
        .map(|(stage, _)| *stage);
    (elsewhere.unwrap_or(refusal.stage) == stage).then_some(refusal)
}
