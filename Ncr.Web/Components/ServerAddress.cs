using Microsoft.AspNetCore.Components;
using Ncr.Core.Hosting;

namespace Ncr.Web.Components;

/// <summary>The address that the console's commands name: the public one of the settings, else the one the page was opened by.</summary>
public sealed class ServerAddress(NcrOptions options, NavigationManager navigation)
{
    private Uri Uri => Uri.TryCreate(options.PublicAddress, UriKind.Absolute, out var given) ? given : new Uri(navigation.BaseUri);

    /// <summary>Without a slash at the end.</summary>
    public string Url => Uri.GetLeftPart(UriPartial.Authority);

    /// <summary>Host and port, as clients put it before a repository's name.</summary>
    public string Host => Uri.Authority;

    /// <summary>Clients want to be told so.</summary>
    public bool IsPlainHttp => Uri.Scheme == Uri.UriSchemeHttp;

    /// <summary>docker takes plain HTTP from these without being asked.</summary>
    public bool IsLocal => Uri.IsLoopback;
}
