using System.Net;
using Ncr.Tests.Support;

namespace Ncr.Tests.Failures;

internal static class FailureAssertions
{
    /// <summary>A session's location, or null when the server refuses for want of room.</summary>
    public static async Task<string?> TryOpenUploadAsync(this RegistryClient image)
    {
        using var response = await image.StartUploadAsync();
        if (response.StatusCode == HttpStatusCode.Accepted)
        {
            return response.RequireHeader("Location");
        }

        await response.AssertErrorAsync(HttpStatusCode.InsufficientStorage, "UNAVAILABLE", "full");
        return null;
    }

    /// <summary>What the log says of a full disk when something was refused for it, which the warning of little space is not.</summary>
    public const string RefusedForWantOfRoom = "pushes are refused with 507";

    /// <summary>A fault that hits every request is told in a line now and then, not in a stack trace each time.</summary>
    public static void AssertLoggedOnce(this NcrProcess server, string word)
    {
        var output = server.Output;
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        var lines = output.Split('\n').Count(l => l.Contains(word, StringComparison.OrdinalIgnoreCase));
        Assert.True(lines is > 0 and <= 3, $"Said {lines} times:\n{output}");
    }
}
