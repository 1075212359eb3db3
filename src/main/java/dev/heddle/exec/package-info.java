/** One command from its request to its result: admission, the structured scope, caps, deadlines, outcomes. */
package dev.heddle.exec;
