namespace Ncr.Tests.Support;

/// <summary>A file that looks empty, can be opened, and answers each read with an I/O error, as one on a bad sector does. Linux only.</summary>
public static class Unreadable
{
    public static void Make(string path)
    {
        File.Delete(path);
        File.CreateSymbolicLink(path, "/proc/self/mem"); // Nothing is mapped at its begin.
    }
}
