using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Ncr.Core.Audit;
using Ncr.Core.Images;
using Ncr.Web.Components.Pages.Audit;

namespace Ncr.Web;

/// <summary>The addresses of the console's pages. Names of registries, images and digests need no escaping: their grammars keep to safe characters.</summary>
public static class ConsoleUrls
{
    public const string SignIn = "/sign-in";
    public const string SignOut = "/sign-out";
    public const string OidcSignIn = "/sign-in/oidc";
    public const string OidcCallback = "/sign-in/oidc/callback";
    public const string Setup = "/setup";
    public const string Overview = "/overview";
    public const string Registries = "/registries";
    public const string AccessKeys = "/access-keys";
    public const string Storage = "/storage";
    public const string RecentlyDeleted = "/deleted";
    public const string Audit = "/audit";
    public const string AuditExportPath = "/audit/export";
    public const string Users = "/users";
    public const string UserKeysPath = "/users/keys";
    public const string UserSessionsPath = "/users/sessions";
    public const string Account = "/account";
    public const string Password = "/password";
    public const string NotFound = "/not-found";
    public const string Error = "/error";

    public static string Registry(string registry) => $"/registries/{registry}";

    public static string Image(string registry, string image) => $"/registries/{registry}/images/{image}";

    public static string Artifact(string registry, string image, string digest) => $"/registries/{registry}/artifacts/{digest}/{image}";

    public static string TagHistory(string registry, string image, string tag) => $"/registries/{registry}/tags/{tag}/{image}";

    /// <summary>Two artifacts of an image side by side, each by a tag or a digest.</summary>
    public static string Compare(string registry, string image, string a, string b) =>
        QueryHelpers.AddQueryString($"/registries/{registry}/compare/{image}", new Dictionary<string, string?> { ["a"] = a, ["b"] = b });

    public static string ManifestDownload(ImageName image, string digest) => Download(image, digest, "manifest");

    public static string ConfigDownload(ImageName image, string digest) => Download(image, digest, "config");

    /// <summary>A layer as it was pushed, by its place in the manifest.</summary>
    public static string LayerDownload(ImageName image, string digest, int layer) =>
        QueryHelpers.AddQueryString(Download(image, digest, "layer"), "layer", layer.ToString(CultureInfo.InvariantCulture));

    /// <summary>A file of an artifact, by its title.</summary>
    public static string TitleDownload(ImageName image, string digest, string title) => QueryHelpers.AddQueryString(Download(image, digest, "layer"), "title", title);

    /// <summary>A file within a layer, by its number there: never by its path, which is whatever the layer says.</summary>
    public static string FileDownload(ImageName image, string digest, int layer, int entry) => QueryHelpers.AddQueryString(
        Download(image, digest, "file"),
        new Dictionary<string, string?> { ["layer"] = layer.ToString(CultureInfo.InvariantCulture), ["entry"] = entry.ToString(CultureInfo.InvariantCulture) });

    private static string Download(ImageName image, string digest, string kind) => $"/registries/{image.Registry}/downloads/{digest}/{kind}/{image.Image}";

    /// <summary>The link that a person sets a new server up with.</summary>
    public static string SetupWith(string code) => QueryHelpers.AddQueryString(Setup, "code", code);

    /// <summary>The link by which somebody chooses a password.</summary>
    public static string PasswordWith(string user, string code) => QueryHelpers.AddQueryString(Password, new Dictionary<string, string?> { ["user"] = user, ["code"] = code });

    /// <summary>What was done, narrowed.</summary>
    public static string AuditOf(AuditFilter filter) => AuditQuery.AddTo(Audit, filter);

    /// <summary>The same as a file.</summary>
    public static string AuditExport(string format, AuditFilter filter) => AuditQuery.AddTo($"{AuditExportPath}/{format}", filter);

    /// <summary>Another's access keys. The name is in the query, since a user may be called <c>..</c></summary>
    public static string UserKeys(string user) => QueryHelpers.AddQueryString(UserKeysPath, "user", user);

    /// <summary>Another's sessions.</summary>
    public static string UserSessions(string user) => QueryHelpers.AddQueryString(UserSessionsPath, "user", user);

    /// <summary>Signs in at the provider, which leads back to <paramref name="returnUrl"/>.</summary>
    public static string OidcSignInFor(string? returnUrl, bool again = false)
    {
        var url = returnUrl is null ? OidcSignIn : QueryHelpers.AddQueryString(OidcSignIn, "returnUrl", returnUrl);
        return again ? QueryHelpers.AddQueryString(url, "again", "true") : url;
    }

    /// <summary>The sign-in page that leads back to <paramref name="returnUrl"/>.</summary>
    public static string SignInFor(string returnUrl) => QueryHelpers.AddQueryString(SignIn, "returnUrl", returnUrl);
}
