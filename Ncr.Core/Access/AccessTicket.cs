namespace Ncr.Core.Access;

/// <summary>What is sealed in an access token.</summary>
/// <param name="ExpiresAt">Unix seconds.</param>
public sealed record AccessTicket(string Key, int Version, long ExpiresAt, IReadOnlyList<GrantedScope> Scopes)
{
    /// <summary>Whether it was given to somebody who did not say who.</summary>
    public bool IsAnonymous => Key.Length == 0;

    public bool Grants(string type, string name, string action)
    {
        foreach (var scope in Scopes)
        {
            if (scope.Name == name && scope.Type == type && scope.Actions.Contains(action))
            {
                return true;
            }
        }

        return false;
    }
}
