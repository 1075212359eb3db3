/** What process engines have in common: they start a program, drain its pipes and end its whole group. */
package dev.heddle.process;
