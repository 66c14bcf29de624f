namespace Ncr.Tests.Browser;

/// <summary>A test that needs Chromium. Without it, it is skipped, except in CI: there it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        if (!File.Exists(BrowserFixture.Executable) && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = $"{BrowserFixture.Executable} is not installed.";
        }
    }
}
