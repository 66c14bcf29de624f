using Ncr.Core.Access;
using Ncr.Core.Access.External;

namespace Ncr.Core.Hosting;

/// <summary>Finds the faults of <see cref="OidcOptions"/>.</summary>
internal static class OidcOptionsCheck
{
    private const int MaxTitle = 60;

    public static void Check(OidcOptions oidc, List<string> faults)
    {
        if (oidc.Authority is null)
        {
            if (oidc.ClientId is not null || oidc.ClientSecret is not null || oidc.Roles is not null)
            {
                faults.Add("Ncr:Oidc:Authority is missing, but other settings of Ncr:Oidc are given.");
            }

            return;
        }

        if (!Uri.TryCreate(oidc.Authority, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Query.Length > 0 || uri.Fragment.Length > 0 || uri.UserInfo.Length > 0)
        {
            faults.Add($"Ncr:Oidc:Authority is '{oidc.Authority}'; it must be the provider's issuer address, such as https://login.example.com/realms/main.");
        }

        if (oidc.ClientId is null)
        {
            faults.Add("Ncr:Oidc:ClientId is missing: what the provider calls this server.");
        }

        if (oidc.Title is null || oidc.Title.Length > MaxTitle)
        {
            faults.Add($"Ncr:Oidc:Title must have 1 to {MaxTitle} characters.");
        }

        if (oidc.NameClaim is null || oidc.GroupsClaim is null)
        {
            faults.Add($"Ncr:Oidc:{(oidc.NameClaim is null ? "NameClaim" : "GroupsClaim")} must not be empty.");
        }

        if (!Enum.IsDefined(oidc.DefaultRole) || oidc.DefaultRole == Role.ProjectAdmin)
        {
            faults.Add("Ncr:Oidc:DefaultRole must be None, ProjectMember, ServiceAdmin, ServiceViewer or ImageUploader: not everybody at the provider is a project admin.");
        }

        var rules = new List<string>();
        GroupRoles.Read(oidc.Roles, rules);
        faults.AddRange(rules.Select(r => $"Ncr:Oidc:Roles has {r}"));
    }
}
