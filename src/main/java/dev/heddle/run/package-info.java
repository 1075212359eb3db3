/** One command from its admission to its result: the structured scope, what is kept, deadlines, signals. */
package dev.heddle.run;
