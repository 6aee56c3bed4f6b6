//! The codes of Azure's services: what each means, what helps, and who can do it.
//!
//! Codes and never messages: messages are localised and change. Sources: Microsoft's articles on errors of Azure
//! Resource Manager, of Azure Machine Learning and of Microsoft Entra (the `AADSTS` codes), and their published
//! API descriptions.

/// What one or several codes mean.
#[derive(Debug)]
pub struct Meaning {
    /// The service's codes.
    pub codes: &'static [&'static str],
    /// In plain words.
    pub means: &'static str,
    /// What helps.
    pub helps: &'static str,
    /// Who can do that.
    pub who: Who,
    /// What this page can do about it.
    pub remedy: Remedy,
    /// Whether services say it of many things.
    pub is_general: bool,
}

/// Who can mend something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The person at the screen.
    You,
    /// An owner of the subscription, the group or the workspace.
    Owner,
    /// An administrator of the organisation's directory.
    Administrator,
    /// Whoever set up this page.
    Deployer,
    /// Azure support, if it stays.
    Support,
}

impl Who {
    /// As it stands behind "Who can do this".
    pub fn words(self) -> &'static str {
        match self {
            Self::You => "you",
            Self::Owner => "an owner of the subscription or the workspace",
            Self::Administrator => "an administrator of your organisation’s directory",
            Self::Deployer => "whoever runs this page",
            Self::Support => "Azure support, if it stays",
        }
    }
}

/// What a button on this page can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Nothing.
    None,
    /// Ask the same again.
    Retry,
    /// Ask the same again once the service's time is over.
    Wait,
    /// Sign in again, over the page.
    SignIn,
    /// Sign in to another tenant, over the page.
    SwitchTenant,
    /// Hand a text to the owner; sign in again once there is access.
    AskOwner,
    /// Register the resource provider in the subscription.
    RegisterProvider,
    /// Type another name.
    OtherName,
}

/// What a code means, if it is known.
pub fn meaning_of(code: &str) -> Option<&'static Meaning> {
    MEANINGS.iter().find(|meaning| meaning.codes.iter().any(|known| known.eq_ignore_ascii_case(code)))
}

const fn meaning(
    codes: &'static [&'static str],
    means: &'static str,
    helps: &'static str,
    who: Who,
    remedy: Remedy,
) -> Meaning {
    Meaning { codes, means, helps, who, remedy, is_general: false }
}

/// The table.
const MEANINGS: &[Meaning] = &[
    // Tokens that Azure Resource Manager or a workspace does not take.
    meaning(
        &["ExpiredAuthenticationToken"],
        "The sign-in has run out.",
        "Sign in again.",
        Who::You,
        Remedy::SignIn,
    ),
    meaning(
        &["AuthenticationFailed", "AuthenticationFailedInvalidHeader", "AuthenticationFailedMissingToken"],
        "The request came without a token that could be read.",
        "Sign in again.",
        Who::You,
        Remedy::SignIn,
    ),
    meaning(
        &["InvalidAuthenticationToken", "InvalidAuthenticationTokenAudience"],
        "Azure does not take this token: it is damaged, or it was made for another service.",
        "Sign in again, with a token for Azure Resource Manager.",
        Who::You,
        Remedy::SignIn,
    ),
    meaning(
        &["InvalidAuthenticationTokenTenant"],
        "The token is of another tenant than the one that the subscription belongs to.",
        "Sign in to the tenant of the subscription.",
        Who::You,
        Remedy::SwitchTenant,
    ),
    // Not allowed.
    meaning(
        &["AuthorizationFailed", "LinkedAuthorizationFailed", "AuthorizationPermissionMismatch", "Forbidden"],
        "This account has no role that allows it.",
        "Ask an owner for access. A new role can take some minutes, and counts after signing in again.",
        Who::Owner,
        Remedy::AskOwner,
    ),
    meaning(
        &["RequestDisallowedByPolicy"],
        "A policy of your organisation forbids it.",
        "Ask an owner which policy it is: the service’s words name it.",
        Who::Owner,
        Remedy::None,
    ),
    meaning(
        &["ScopeLocked"],
        "A lock protects this resource or its group from changes.",
        "Ask an owner to remove the lock first.",
        Who::Owner,
        Remedy::None,
    ),
    meaning(
        &["ReadOnlyDisabledSubscription", "SubscriptionDisabled"],
        "The subscription is disabled: what is in it can be read and not changed.",
        "Ask an owner to enable the subscription, most often by settling its bill.",
        Who::Owner,
        Remedy::None,
    ),
    // Not there.
    meaning(
        &["SubscriptionNotFound", "InvalidSubscriptionId"],
        "There is no such subscription, or it belongs to another tenant than the one you are signed in to.",
        "Check the id in the address, or sign in to the subscription’s tenant.",
        Who::You,
        Remedy::SwitchTenant,
    ),
    meaning(
        &["ResourceGroupNotFound"],
        "There is no such resource group.",
        "Check the name in the address, or go back: it may have been deleted.",
        Who::You,
        Remedy::None,
    ),
    meaning(
        &["ResourceNotFound", "ParentResourceNotFound", "NotFound", "ModelNotFound", "ComputeNotFound"],
        "It is not there.",
        "Check the address, or go back: it may have been deleted or moved.",
        Who::You,
        Remedy::None,
    ),
    // In the way of each other.
    meaning(
        &["Conflict", "AnotherOperationInProgress", "OperationInProgress", "ServiceOperationInProgress"],
        "Something else is changing it at the moment.",
        "Wait until that is done, then try again.",
        Who::You,
        Remedy::Retry,
    ),
    meaning(
        &["MissingSubscriptionRegistration", "SubscriptionNotRegistered"],
        "The subscription has never used this part of Azure, and it has to be registered once.",
        "Register the resource provider. That needs the role of a contributor and takes a minute or two.",
        Who::Owner,
        Remedy::RegisterProvider,
    ),
    meaning(
        &["AlreadyExists", "NameUnavailable", "InvalidResourceName", "InvalidResourceGroup"],
        "That name is taken, or may not be used.",
        "Choose another name.",
        Who::You,
        Remedy::OtherName,
    ),
    meaning(
        &["LocationNotAvailableForResourceType"],
        "Azure does not have this in that region, or not for this subscription.",
        "Choose another region: the service’s words name those that have it.",
        Who::You,
        Remedy::None,
    ),
    meaning(
        &["InvalidResourceGroupLocation"],
        "There is a resource group of this name in another region, and it cannot be moved.",
        "Choose another name, or the region that it is in.",
        Who::You,
        Remedy::OtherName,
    ),
    meaning(
        &["ResourceGroupBeingDeleted"],
        "The resource group is being deleted.",
        "Choose another resource group, or wait until it is gone and make it again.",
        Who::You,
        Remedy::None,
    ),
    meaning(
        &["PreconditionFailed"],
        "It was changed by somebody else since it was read.",
        "Read it again, look at what changed, then try again.",
        Who::You,
        Remedy::Retry,
    ),
    meaning(
        &["DeletionRequired"],
        "Something still uses it; the reasons name what.",
        "Delete what uses it first.",
        Who::You,
        Remedy::None,
    ),
    meaning(
        &["QuotaExceeded", "OperationNotAllowed", "SkuNotAvailable"],
        "The subscription may not use more of this here.",
        "Free what is not needed, take another size or region, or ask for a larger quota.",
        Who::Owner,
        Remedy::None,
    ),
    // Too much at once.
    meaning(
        &[
            "TooManyRequests",
            "ResourceRequestsThrottled",
            "SubscriptionRequestsThrottled",
            "RequestThrottled",
        ],
        "Too much was asked in a short time, perhaps by others in the same subscription.",
        "Wait. This page asks less often for a while.",
        Who::You,
        Remedy::Wait,
    ),
    // The service's own trouble.
    meaning(
        &["InternalServerError", "ServiceError", "AzureStorageError", "TransientError", "ServerTimeout"],
        "Something failed inside the service.",
        "Try again in a moment. If it stays, give support the request id.",
        Who::Support,
        Remedy::Retry,
    ),
    meaning(
        &["ServiceUnavailable", "ServerBusy", "GatewayTimeout", "BadGateway", "temporarily_unavailable"],
        "The service is not there at the moment.",
        "Try again in a moment. If it stays, look at Azure’s status page.",
        Who::Support,
        Remedy::Retry,
    ),
    // What was asked is not understood.
    meaning(
        &["InvalidApiVersionParameter", "NoRegisteredProviderFound", "MissingApiVersionParameter"],
        "The service does not speak the version of its interface that was asked for.",
        "A newer version of this page may: tell whoever runs it.",
        Who::Deployer,
        Remedy::None,
    ),
    meaning(
        &["InvalidResourceType", "InvalidResourceNamespace"],
        "The service does not know this kind of resource here.",
        "Check the address. A part of it may be misspelt.",
        Who::You,
        Remedy::None,
    ),
    Meaning {
        is_general: true,
        ..meaning(
            &[
                "UserError",
                "BadArgument",
                "ArgumentInvalid",
                "ValidationError",
                "InvalidRequestContent",
                "BadRequest",
            ],
            "The service does not take what was asked; its words say why.",
            "Change what it names, then try again.",
            Who::You,
            Remedy::None,
        )
    },
    meaning(
        &["UnsupportedMediaType"],
        "The service does not take this kind of content.",
        "Tell whoever runs this page: it should not happen.",
        Who::Deployer,
        Remedy::None,
    ),
    // Microsoft Entra: secrets.
    meaning(
        &["AADSTS7000215"],
        "The client secret is wrong.",
        "Check the secret: it is the value, not the id, of the client secret.",
        Who::You,
        Remedy::None,
    ),
    meaning(
        &["AADSTS7000222"],
        "The client secret has run out.",
        "Whoever manages the application can make a new one.",
        Who::Administrator,
        Remedy::None,
    ),
    meaning(
        &["AADSTS7000218"],
        "The client secret is missing.",
        "Enter the secret of the application.",
        Who::You,
        Remedy::None,
    ),
    meaning(
        &["AADSTS700025"],
        "This application is a public client, and takes no secret.",
        "Use the id of an application that has a secret.",
        Who::Administrator,
        Remedy::None,
    ),
    meaning(
        &["AADSTS700016", "unauthorized_client"],
        "The application is not in that tenant.",
        "Check the client id and the tenant. An administrator may have to add the application.",
        Who::Administrator,
        Remedy::None,
    ),
    meaning(
        &["AADSTS90002"],
        "There is no such tenant in this cloud.",
        "Check the tenant: an id, or a domain such as contoso.onmicrosoft.com.",
        Who::You,
        Remedy::None,
    ),
    meaning(
        &["AADSTS9002326", "AADSTS9002327"],
        "Entra does not take a client secret from a web page, nor a code for a page from elsewhere.",
        "Get a token with the Azure CLI and paste it under “Access token”. For signing in with Microsoft, the redirect address has to be registered as a single-page application.",
        Who::Administrator,
        Remedy::None,
    ),
    meaning(
        &["AADSTS50011"],
        "The address of this page is not registered with the application.",
        "An administrator can add it as a redirect address of a single-page application.",
        Who::Administrator,
        Remedy::None,
    ),
    meaning(
        &["AADSTS65001", "consent_required"],
        "Nobody has consented yet that this application may act for you.",
        "An administrator can consent for everybody.",
        Who::Administrator,
        Remedy::None,
    ),
    meaning(
        &["AADSTS50020"],
        "This account is not in that tenant.",
        "Sign in with an account of the tenant, or have it invited as a guest.",
        Who::Administrator,
        Remedy::SwitchTenant,
    ),
    meaning(
        &["AADSTS50076", "AADSTS50079", "interaction_required", "login_required"],
        "A second proof of who you are is wanted.",
        "Sign in again and give it.",
        Who::You,
        Remedy::SignIn,
    ),
    meaning(
        &["AADSTS70008", "AADSTS54005", "invalid_grant"],
        "What was to be turned into a token has run out, or was used before.",
        "Sign in again.",
        Who::You,
        Remedy::SignIn,
    ),
    meaning(
        &["AADSTS500011", "invalid_resource"],
        "The tenant does not know the service that the token is for.",
        "Check the cloud and the tenant.",
        Who::Administrator,
        Remedy::None,
    ),
    meaning(
        &["AADSTS70011", "invalid_scope"],
        "Entra does not know what was asked for (the scope).",
        "Check the cloud in the settings of this page.",
        Who::Deployer,
        Remedy::None,
    ),
    meaning(
        &["AADSTS900144", "AADSTS70003", "unsupported_grant_type", "invalid_request"],
        "Entra does not understand the request.",
        "Check every field. If they are right, tell whoever runs this page.",
        Who::Deployer,
        Remedy::None,
    ),
    meaning(
        &["invalid_client"],
        "Entra does not take the application’s proof.",
        "Check the client id and the secret.",
        Who::You,
        Remedy::None,
    ),
    meaning(
        &["AADSTS70016", "authorization_pending"],
        "Nobody has entered the code of the device yet.",
        "Enter it where the command line says.",
        Who::You,
        Remedy::None,
    ),
    meaning(
        &["access_denied"],
        "Signing in was declined.",
        "Sign in again, or ask an administrator why it is not allowed.",
        Who::Administrator,
        Remedy::SignIn,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_one_meaning() {
        let mut codes: Vec<String> =
            MEANINGS.iter().flat_map(|meaning| meaning.codes).map(|code| code.to_ascii_lowercase()).collect();
        let count = codes.len();
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), count);
    }

    #[test]
    fn each_meaning_is_in_sentences() {
        for meaning in MEANINGS {
            assert!(meaning.means.ends_with('.') && meaning.helps.ends_with('.'), "{meaning:?}");
        }
    }
}
