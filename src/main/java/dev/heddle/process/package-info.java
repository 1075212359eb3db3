/** The common face of the process engines: start a program, drain its pipes, end its whole group. */
package dev.heddle.process;
