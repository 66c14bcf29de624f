using Microsoft.AspNetCore.Components;
using Ncr.Core.Access;
using Ncr.Core.Hosting;
using Ncr.Web.Account;

namespace Ncr.Web.Components;

/// <summary>The address that the console's commands name: the public one of the settings, else the one the page was opened by; the private one for who came in as private.</summary>
public sealed class ServerAddress(NcrOptions options, NavigationManager navigation, PrivateEntrance entrance, CurrentActor actor)
{
    private Uri Uri => entrance.Address is { } address && entrance.IsOpenTo(actor.From) ? address : PublicUri;

    private Uri PublicUri => Uri.TryCreate(options.PublicAddress, UriKind.Absolute, out var given) ? given : new Uri(navigation.BaseUri);

    /// <summary>Without a slash at the end.</summary>
    public string Url => Uri.GetLeftPart(UriPartial.Authority);

    /// <summary>Host and port, as clients put it before a repository's name.</summary>
    public string Host => Uri.Authority;

    /// <summary>Those of the public URI, wherever one is.</summary>
    public string PublicHost => PublicUri.Authority;

    /// <summary>Those of the private URI; null when there is none.</summary>
    public string? PrivateHost => entrance.Address?.Authority;

    /// <summary>Clients want to be told so.</summary>
    public bool IsPlainHttp => Uri.Scheme == Uri.UriSchemeHttp;

    /// <summary>docker takes plain HTTP from these without being asked.</summary>
    public bool IsLocal => Uri.IsLoopback;
}
