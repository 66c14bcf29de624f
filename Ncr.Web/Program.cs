using Ncr.Web.Commands;

return await NcrProgram.RunAsync(args);
