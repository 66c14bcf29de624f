namespace Ncr.Web.Components.Shared;

/// <summary>How exactly a time is shown.</summary>
public enum TimePrecision
{
    /// <summary>23 Nov 2026.</summary>
    Day,

    /// <summary>2026-11-23 14:05.</summary>
    Minute,

    /// <summary>2026-11-23 14:05:09.</summary>
    Second,
}
