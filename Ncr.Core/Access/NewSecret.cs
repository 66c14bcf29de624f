namespace Ncr.Core.Access;

/// <summary>A key with its secret, handed out once: only a hash is kept.</summary>
public sealed record NewSecret(string Key, string Secret)
{
    /// <summary>Leaves the secret out, so that it can't slip into a log.</summary>
    public override string ToString() => $"{nameof(NewSecret)} {{ Key = {Key} }}";
}
