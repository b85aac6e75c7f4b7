import OperatorCommands

await Acsctl.runProgram()
