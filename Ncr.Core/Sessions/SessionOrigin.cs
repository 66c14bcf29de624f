namespace Ncr.Core.Sessions;

/// <summary>How a session was begun.</summary>
public enum SessionOrigin
{
    Password,

    /// <summary>By a one-time link, with which the password was chosen.</summary>
    Link,

    /// <summary>By the link that sets a new server up.</summary>
    SetUp,

    /// <summary>At the provider that <c>Ncr:Oidc</c> names.</summary>
    OpenIdConnect,
}
