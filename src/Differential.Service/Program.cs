return await Differential.Service.Commands.CommandLine.RunAsync(args);
