using System.Reflection;
using Xunit.Sdk;

namespace Ncr.Tests.Browser;

/// <summary>Before each test, the pages of the one before are given up: left open, each would go on following every push of the later ones.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ClosesPagesAttribute : BeforeAfterTestAttribute
{
    public override void Before(MethodInfo methodUnderTest) => BrowserFixture.BeginTest();
}
