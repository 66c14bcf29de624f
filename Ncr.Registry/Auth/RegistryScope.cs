using Ncr.Core.Access;

namespace Ncr.Registry.Auth;

/// <summary>A resource scope of Docker's token protocol, <c>type:name:action,action</c>.</summary>
internal sealed record RegistryScope(string Type, string Name, IReadOnlyList<string> Actions)
{
    public const string Repository = "repository";
    public const string RegistryType = "registry";
    public const string Catalog = "catalog";
    public const string Pull = "pull";
    public const string Push = "push";
    public const string Delete = "delete";
    public const string All = "*";

    /// <summary>What a token for pulling is good for in the hands of who may push and not pull. None of the protocol's: clients neither ask for it nor are told of it.</summary>
    public const string Look = "look";

    public static RegistryScope Of(string image, params IReadOnlyList<string> actions) => new(Repository, image, actions);

    public static RegistryScope OfCatalog { get; } = new(RegistryType, Catalog, [All]);

    /// <summary>Scopes as clients send them: several parameters, each with one or more between spaces. What is malformed is left out: it grants nothing.</summary>
    public static IReadOnlyList<RegistryScope> ParseMany(IEnumerable<string?> values)
    {
        var scopes = new List<RegistryScope>();
        foreach (var text in values.SelectMany(v => v?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? []))
        {
            // The name may hold a colon (a host with a port), the type and the actions do not.
            var first = text.IndexOf(':', StringComparison.Ordinal);
            var last = text.LastIndexOf(':');
            if (first <= 0 || last <= first + 1)
            {
                continue;
            }

            var type = text[..first];
            var parameters = type.IndexOf('(', StringComparison.Ordinal); // repository(plugin)
            scopes.Add(new RegistryScope(
                parameters > 0 ? type[..parameters] : type,
                text[(first + 1)..last],
                [.. text[(last + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct()]));
        }

        return scopes;
    }

    public static Permission? PermissionFor(string action) => action switch
    {
        Pull => Permission.PullImage,
        Push => Permission.PushImage,
        Delete => Permission.DeleteArtifact,
        _ => null,
    };

    public override string ToString() => $"{Type}:{Name}:{string.Join(',', Actions)}";
}
