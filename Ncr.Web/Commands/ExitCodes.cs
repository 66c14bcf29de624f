namespace Ncr.Web.Commands;

/// <summary>What the program ends with; docs/commands.md lists them.</summary>
internal static class ExitCodes
{
    public const int Good = 0;

    /// <summary>It failed, was stopped, or found damage.</summary>
    public const int Failed = 1;

    /// <summary>The command line, or the state of the service, does not allow it.</summary>
    public const int Usage = 2;
}
