using Microsoft.AspNetCore.WebUtilities;

namespace Ncr.Web;

/// <summary>The addresses of the console's pages. Names of registries, images and digests need no escaping: their grammars keep to safe characters.</summary>
public static class ConsoleUrls
{
    public const string SignIn = "/sign-in";
    public const string SignOut = "/sign-out";
    public const string Setup = "/setup";
    public const string Overview = "/overview";
    public const string Registries = "/registries";
    public const string AccessKeys = "/access-keys";
    public const string Storage = "/storage";
    public const string NotFound = "/not-found";
    public const string Error = "/error";

    public static string Registry(string registry) => $"/registries/{registry}";

    public static string Image(string registry, string image) => $"/registries/{registry}/images/{image}";

    public static string Artifact(string registry, string image, string digest) => $"/registries/{registry}/artifacts/{digest}/{image}";

    /// <summary>The link that a person sets a new server up with.</summary>
    public static string SetupWith(string code) => QueryHelpers.AddQueryString(Setup, "code", code);

    /// <summary>The sign-in page that leads back to <paramref name="returnUrl"/>.</summary>
    public static string SignInFor(string returnUrl) => QueryHelpers.AddQueryString(SignIn, "returnUrl", returnUrl);
}
